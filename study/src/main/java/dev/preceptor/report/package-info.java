/**
 * Reports of runs and evaluations, the live page of a training, and pictures of slices. Pictures are drawn without a display and
 * without installed fonts.
 */
package dev.preceptor.report;
