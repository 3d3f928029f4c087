/** Statistics over subjects: means, deviations, intervals, paired tests. Knows neither studies nor networks. */
package dev.preceptor.statistics;
