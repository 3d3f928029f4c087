/** What the tests of all modules share: test files, processes, and the list of skipped tests. */
package dev.preceptor.testing;
