// Package shop has the events of a shop as package gen writes them, for its tests.
package shop
