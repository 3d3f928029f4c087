/** What a study shows: pictures of slices with contours. Drawn without a display and without installed fonts. */
package dev.preceptor.report;
