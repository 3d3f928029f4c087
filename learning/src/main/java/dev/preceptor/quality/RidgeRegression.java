package dev.preceptor.quality;

import java.util.List;

/**
 * Ridge regression in its dual form: linear functions of many features fitted to few examples, with an intercept that is not
 * penalised (Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, section 18.3).
 */
final class RidgeRegression {
    private final double[] mean;
    private final double[][] weights;
    private final double[] intercepts;

    /**
     * Fits one function for each target.
     *
     * @param features [examples][features]
     * @param targets [examples][targets]
     * @param penalty of the squared norm of the weights, above 0
     */
    RidgeRegression(List<double[]> features, List<double[]> targets, double penalty) {
        int n = features.size();
        this.mean = mean(features);
        this.intercepts = mean(targets);
        double[][] centred = new double[n][];
        double[][] right = new double[n][intercepts.length];
        for (int i = 0; i < n; i++) {
            centred[i] = features.get(i).clone();
            for (int k = 0; k < mean.length; k++) {
                centred[i][k] -= mean[k];
            }
            for (int t = 0; t < intercepts.length; t++) {
                right[i][t] = targets.get(i)[t] - intercepts[t];
            }
        }
        double[][] gram = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                gram[i][j] = dot(centred[i], centred[j]);
            }
            gram[i][i] += penalty;
        }
        solve(gram, right);
        this.weights = new double[intercepts.length][mean.length];
        for (int t = 0; t < intercepts.length; t++) {
            for (int i = 0; i < n; i++) {
                for (int k = 0; k < mean.length; k++) {
                    weights[t][k] += right[i][t] * centred[i][k];
                }
            }
        }
    }

    /** The weights of a target, by feature. */
    double[] weights(int target) {
        return weights[target].clone();
    }

    /** The value of a target where all features are 0. */
    double offset(int target) {
        return intercepts[target] - dot(weights[target], mean);
    }

    /** The value of a target. */
    double value(int target, double[] features) {
        return dot(weights[target], features) + offset(target);
    }

    private static double[] mean(List<double[]> rows) {
        double[] mean = new double[rows.get(0).length];
        for (double[] row : rows) {
            for (int k = 0; k < mean.length; k++) {
                mean[k] += row[k] / rows.size();
            }
        }
        return mean;
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += a[k] * b[k];
        }
        return sum;
    }

    /** Cholesky factorisation of the lower triangle in place, and the solution in place of the right-hand sides. */
    private static void solve(double[][] lower, double[][] right) {
        int n = lower.length;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = lower[i][j];
                for (int k = 0; k < j; k++) {
                    sum -= lower[i][k] * lower[j][k];
                }
                lower[i][j] = i == j ? Math.sqrt(sum) : sum / lower[j][j];
            }
        }
        for (int t = 0; n > 0 && t < right[0].length; t++) {
            for (int i = 0; i < n; i++) {
                for (int k = 0; k < i; k++) {
                    right[i][t] -= lower[i][k] * right[k][t];
                }
                right[i][t] /= lower[i][i];
            }
            for (int i = n - 1; i >= 0; i--) {
                for (int k = i + 1; k < n; k++) {
                    right[i][t] -= lower[k][i] * right[k][t];
                }
                right[i][t] /= lower[i][i];
            }
        }
    }
}
