/** Commands whose work is spread over the executors of a Spark cluster. */
package dev.preceptor.spark;
