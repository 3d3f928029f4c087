/** Graphs in the Open Neural Network Exchange format (ONNX), which runtimes other than libtorch read. */
package dev.preceptor.onnx;
