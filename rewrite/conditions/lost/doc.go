// Package lost decides whether a change after the wait loses what others have added or
// counted during it: the part of S4 that goes by numbers and by removed elements.
package lost
