package dev.preceptor.distill;

import dev.preceptor.data.Batch;
import dev.preceptor.network.Features;
import dev.preceptor.network.Parameters;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** What a student learns from frozen teachers beside the labels: the part of a method that {@link TaughtStudent} leaves open. */
public interface TeachingLoss {
    /** What a teaching loss reads of the teacher beside its logits. */
    enum Reads {
        /** Nothing; an ensemble may teach. */
        LOGITS,
        /** The deepest features. */
        BOTTLENECK,
        /** The features of the last decoder stage, at full resolution. */
        LAST_DECODER
    }

    /**
     * One term of the loss.
     *
     * @param name in the log
     * @param value one number
     * @param weight in the total
     */
    record Term(String name, Tensor value, double weight) {}

    /**
     * The terms beside L_GT for a batch, in the order of the paper.
     *
     * @param teacher outputs of the teachers, without gradient
     */
    List<Term> terms(Batch batch, TeacherOutputs teacher, Features student);

    /** Weights that are trained with the student and belong to no model, by name. */
    default Map<String, Parameters> trainedWithStudent() {
        return Map.of();
    }

    /** Weights that are trained against the student, by the name of their parameter group. */
    default Map<String, Parameters> critics() {
        return Map.of();
    }

    /**
     * Updates the critics after the student.
     *
     * @param teacher logits
     * @param student logits from before its update, without gradient
     * @return losses for the log, without gradient
     */
    default Map<String, Tensor> updateCritics(
            Batch batch, Tensor teacher, Tensor student, Phase.Optimizers optimizers) {
        return Map.of();
    }

    /** What it carries from step to step, as {@link Phase#state}. */
    default Map<String, List<Double>> state() {
        return Map.of();
    }

    /** Restores what {@link #state} returned. */
    default void loadState(Map<String, List<Double>> state) {}
}
