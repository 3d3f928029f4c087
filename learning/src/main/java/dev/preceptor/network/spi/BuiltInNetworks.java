package dev.preceptor.network.spi;

import dev.preceptor.network.HeteroModalUNet;
import dev.preceptor.network.MultiResUNet;
import dev.preceptor.network.Network;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.NnUNet;
import dev.preceptor.network.RFNet;
import dev.preceptor.network.ResUNet;
import dev.preceptor.network.RobustMSeg;
import dev.preceptor.network.SynthesisUNet;
import dev.preceptor.network.UNet;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** The networks of Preceptor itself. */
public final class BuiltInNetworks implements NetworkProvider {
    @Override
    public Map<String, Function<NetworkSpec, Network>> networks() {
        Map<String, Function<NetworkSpec, Network>> networks = new TreeMap<>();
        networks.put(UNet.NAME, UNet::new);
        networks.put(ResUNet.NAME, ResUNet::new);
        networks.put(NnUNet.NAME, NnUNet::new);
        networks.put(MultiResUNet.NAME, MultiResUNet::new);
        networks.put(HeteroModalUNet.U_HEMIS, HeteroModalUNet::new);
        networks.put(HeteroModalUNet.U_HVED, HeteroModalUNet::new);
        networks.put(RFNet.NAME, RFNet::new);
        networks.put(RobustMSeg.NAME, RobustMSeg::new);
        networks.put(SynthesisUNet.NAME, SynthesisUNet::new);
        return networks;
    }
}
