package dev.preceptor.dicomweb;

import dev.preceptor.testing.Orthanc;
import java.nio.file.Path;
import java.util.List;

/** Stores the files of a folder in an Orthanc and fetches them again: arguments are its address and two folders. */
final class TransferProgram {
    private TransferProgram() {}

    public static void main(String[] arguments) {
        DicomWebClient client = new DicomWebClient(
                DicomWebSettings.of(arguments[0]).withCredentials(Credentials.basic(Orthanc.USER, Orthanc.USER)));
        LocalInstances instances = LocalInstances.at(List.of(Path.of(arguments[1])));
        client.store(instances.instances(), DicomWebListener.NONE);
        client.fetch(
                GoldenInstances.STUDY,
                GoldenInstances.SERIES,
                Path.of(arguments[2]),
                TransferSyntaxChoice.AS_STORED,
                DicomWebListener.NONE);
    }
}
