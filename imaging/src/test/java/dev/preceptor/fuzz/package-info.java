/** Runs the readers of all file formats on damaged files. */
package dev.preceptor.fuzz;
