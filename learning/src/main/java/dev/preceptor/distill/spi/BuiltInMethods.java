package dev.preceptor.distill.spi;

import dev.preceptor.distill.AnySubset;
import dev.preceptor.distill.Baseline;
import dev.preceptor.distill.KdNet;
import dev.preceptor.distill.LocalConsistencyKd;
import dev.preceptor.distill.MethodKind;
import dev.preceptor.distill.MtcmKd;
import dev.preceptor.distill.Pmkl;
import dev.preceptor.distill.ProtoKd;
import dev.preceptor.distill.SharedDeep;
import dev.preceptor.distill.StructuredKd;
import dev.preceptor.distill.SynthesiseFirst;
import dev.preceptor.distill.Transfer;
import java.util.List;

/** The methods of Preceptor itself. */
public final class BuiltInMethods implements MethodProvider {
    @Override
    public List<MethodKind> methods() {
        return List.of(
                AnySubset.KIND,
                Baseline.KIND,
                KdNet.KIND,
                MtcmKd.KIND,
                Transfer.KIND,
                StructuredKd.KIND,
                LocalConsistencyKd.KIND,
                Pmkl.KIND,
                ProtoKd.KIND,
                SynthesiseFirst.KIND,
                SharedDeep.KIND);
    }
}
