/** Experiment trackers that follow {@code metrics.jsonl} of a running training: TensorBoard event files and MLflow. */
package dev.preceptor.track;
