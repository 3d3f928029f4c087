/**
 * The command line: one thin class a command. What a command does, a library user can do without it; here are only the
 * words of the options, the progress on standard error, the results on standard output and the exit codes.
 */
package dev.preceptor.cli;
