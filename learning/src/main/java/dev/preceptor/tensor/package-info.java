/**
 * The bridge to libtorch: loading it, ownership of native memory, conversion between arrays and tensors, safetensors files.
 * The spatial axes of a tensor are [x, y, z], as in nibabel.
 */
package dev.preceptor.tensor;
