/**
 * Studies: trials planned from arms, folds and seeds, run and compared over subjects; and the demo. What the code calls a trial is
 * a cell in the names of folders, files and keys, which stay so that existing studies can be read.
 */
package dev.preceptor.study;
