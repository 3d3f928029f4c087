/**
 * The command line: one thin class per command. Library users can do without it everything that a command does; this package
 * holds only the options, progress on standard error, results on standard output, and exit codes.
 */
package dev.preceptor.cli;
