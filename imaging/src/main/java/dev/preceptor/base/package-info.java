/**
 * What every floor stands on: the family of errors, files that are either whole or absent, and named random streams.
 */
package dev.preceptor.base;
