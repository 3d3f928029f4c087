/**
 * Fixtures shared by the tests of all modules: test files, random images, named pipes, ports, child processes, Python,
 * and the report of skipped tests.
 */
package dev.preceptor.testing;
