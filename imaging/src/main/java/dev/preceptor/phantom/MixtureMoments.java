package dev.preceptor.phantom;

/**
 * Mean and variance of values, and the mean of each tissue.
 *
 * @param mean over all values
 * @param variance over all values, population
 * @param means by tissue, 0 where there is none
 * @param counts of values by tissue
 */
record MixtureMoments(double mean, double variance, double[] means, int[] counts) {
    static MixtureMoments of(float[] values, byte[] tissues) {
        double[] means = new double[Contrast.TISSUES];
        int[] counts = new int[Contrast.TISSUES];
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < values.length; i++) {
            double value = values[i];
            sum += value;
            squares += value * value;
            means[tissues[i]] += value;
            counts[tissues[i]]++;
        }
        double mean = sum / values.length;
        for (int tissue = 0; tissue < means.length; tissue++) {
            means[tissue] /= Math.max(1, counts[tissue]);
        }
        return new MixtureMoments(mean, Math.max(0, squares / values.length - mean * mean), means, counts);
    }
}
