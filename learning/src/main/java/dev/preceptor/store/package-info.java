/** The cache of preprocessed subjects, in a folder or in memory. */
package dev.preceptor.store;
