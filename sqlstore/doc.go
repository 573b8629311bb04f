// Package sqlstore keeps records in SQLite or PostgreSQL.
package sqlstore
