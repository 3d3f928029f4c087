package dev.preceptor.phantom;

/**
 * Mean and population variance of the values of all brain voxels, and the mean of each tissue.
 *
 * @param mean the mean of all values
 * @param variance the population variance of all values
 * @param means the mean of each tissue; 0 for a tissue without voxels
 * @param counts the number of voxels of each tissue
 */
record TissueStatistics(double mean, double variance, double[] means, int[] counts) {
    static TissueStatistics of(float[] values, byte[] tissues) {
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
        return new TissueStatistics(mean, Math.max(0, squares / values.length - mean * mean), means, counts);
    }
}
