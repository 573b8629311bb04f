// Package column has the texts and the JSON of the stores' columns: what a row of
// PostgreSQL or SQLite keeps of a record beside its state. It needs no driver.
package column
