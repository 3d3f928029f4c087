/** Reporting of a running training to TensorBoard and MLflow. */
package dev.preceptor.track;
