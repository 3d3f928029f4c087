/** Finds scored subjects that a model was trained on, by id, name mapping and voxels. */
package dev.preceptor.leakage;
