/** Tables as values, and their renderers for terminals, Markdown, CSV and LaTeX. Knows no other package of the project. */
package dev.preceptor.table;
