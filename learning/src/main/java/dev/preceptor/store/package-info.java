/** Preprocessed subjects, kept in memory or in a cache folder. */
package dev.preceptor.store;
