package dev.preceptor.phantom;

/**
 * How one sequence of one subject is acquired.
 *
 * @param noise standard deviation of the noise, in standard deviations of the brain
 * @param scale intensity units of the file for one standard deviation of the brain
 * @param blur standard deviation of the point spread function along x, y and z in millimetres
 * @param texture standard deviation of the variation within a tissue, in standard deviations of the brain
 * @param shading standard deviation of the bias field, relative to the signal
 * @param gamma exponent of the signal relative to the mean of the brain: above 1 bright tissue becomes brighter; 1 for none
 */
record Scanner(double noise, double scale, double[] blur, double texture, double shading, double gamma) {}
