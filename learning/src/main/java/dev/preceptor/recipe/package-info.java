/** The recipe of a training: the YAML document, its defaults, and its validation. */
package dev.preceptor.recipe;
