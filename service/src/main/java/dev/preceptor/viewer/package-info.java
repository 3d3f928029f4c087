/** The page on which results are looked at, and the server that shows files on it. */
package dev.preceptor.viewer;
