/**
 * The thin bridge to libtorch: opening it, scopes for native memory, conversion of volumes, and safetensors files. The
 * spatial axes of a tensor are [x, y, z], the order in which nibabel shows an image.
 */
package dev.preceptor.tensor;
