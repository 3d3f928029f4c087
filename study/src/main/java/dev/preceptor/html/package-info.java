/**
 * Pages: one self-contained HTML file each, made of blocks that render themselves. Stands on tables and volumes alone, so that
 * a service shows pages without studies, reports or training.
 */
package dev.preceptor.html;
