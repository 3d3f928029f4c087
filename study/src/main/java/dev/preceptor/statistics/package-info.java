/** What numbers of subjects say: spreads, intervals, paired comparisons. Knows neither studies nor networks. */
package dev.preceptor.statistics;
