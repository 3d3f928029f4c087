package dev.preceptor.distill;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/** Which of its sequences a training step shows to a network that takes any subset; at least one. */
public enum SubsetDraw {
    /** All that the subject has. */
    COMPLETE {
        @Override
        List<Integer> draw(List<Integer> measured, SplittableRandom random) {
            return measured;
        }
    },
    /** A number of sequences, each number equally likely, then a subset of that size (U-HVED). */
    SIZES {
        @Override
        List<Integer> draw(List<Integer> measured, SplittableRandom random) {
            List<Integer> order = new ArrayList<>(measured);
            Collections.shuffle(order, new Random(random.nextLong()));
            return order.subList(0, 1 + random.nextInt(measured.size()));
        }
    },
    /** Each subset that is not empty is equally likely (RFNet, mmFormer). */
    SUBSETS {
        @Override
        List<Integer> draw(List<Integer> measured, SplittableRandom random) {
            int bits = 1 + random.nextInt((1 << measured.size()) - 1);
            return chosen(measured, bits);
        }
    },
    /** Each sequence with probability 1/2; if none is drawn, one of them (Robust-MSeg). */
    BERNOULLI {
        @Override
        List<Integer> draw(List<Integer> measured, SplittableRandom random) {
            int bits = random.nextInt(1 << measured.size());
            return bits == 0 ? List.of(measured.get(random.nextInt(measured.size()))) : chosen(measured, bits);
        }
    };

    /**
     * @param measured indices of the sequences that the subject has, at least one
     * @return the indices that the network sees
     */
    abstract List<Integer> draw(List<Integer> measured, SplittableRandom random);

    private static List<Integer> chosen(List<Integer> measured, int bits) {
        List<Integer> chosen = new ArrayList<>();
        for (int i = 0; i < measured.size(); i++) {
            if ((bits >> i & 1) == 1) {
                chosen.add(measured.get(i));
            }
        }
        return chosen;
    }
}
