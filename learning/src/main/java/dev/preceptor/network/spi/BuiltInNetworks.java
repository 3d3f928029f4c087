package dev.preceptor.network.spi;

import dev.preceptor.network.HeteroModalUNet;
import dev.preceptor.network.Network;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.ResUNet;
import dev.preceptor.network.SynthesisUNet;
import dev.preceptor.network.UNet;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** The networks of Preceptor itself. */
public final class BuiltInNetworks implements NetworkProvider {
    @Override
    public Map<String, Function<NetworkSpec, Network>> networks() {
        return new TreeMap<>(Map.of(
                UNet.NAME,
                UNet::new,
                ResUNet.NAME,
                ResUNet::new,
                HeteroModalUNet.U_HEMIS,
                HeteroModalUNet::new,
                HeteroModalUNet.U_HVED,
                HeteroModalUNet::new,
                SynthesisUNet.NAME,
                SynthesisUNet::new));
    }
}
