// Package extract finds the values that can be read under the lock ahead of the wait that needs
// them, and the part of a waiting statement that can run before the rest.
package extract
