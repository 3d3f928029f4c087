package dev.preceptor.dicomweb;

import java.nio.file.Path;

/**
 * A series that was fetched completely.
 *
 * @param uid its Series Instance UID
 * @param folder the folder with one file for each instance, named by its SOP Instance UID and {@code .dcm}
 * @param instances number of instances
 * @param kept how many of them were there before
 */
public record FetchedSeries(String uid, Path folder, int instances, int kept) {}
