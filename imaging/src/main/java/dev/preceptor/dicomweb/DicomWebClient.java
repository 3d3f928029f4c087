package dev.preceptor.dicomweb;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.dicom.Tag;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A client of a PACS by DICOMweb (PS3.18): finds (QIDO-RS), fetches (WADO-RS) and stores (STOW-RS) instances, streamed between
 * files and the network. Requests that change nothing are repeated while the PACS is away or busy, as the {@link Retry} of the
 * {@link DicomWebSettings} allows. Thread-safe.
 */
public final class DicomWebClient {
    private static final String JSON = "application/dicom+json";
    private static final int PAGE = 1000;

    private final Transport transport;

    /** A client that connects with its first request. */
    public DicomWebClient(DicomWebSettings settings) {
        transport = new Transport(settings);
    }

    /**
     * Studies that match a query.
     *
     * @throws DicomWebException if the PACS cannot be reached or refuses
     */
    public List<PacsStudy> studies(Query query, DicomWebListener listener) {
        return find(
                "/studies",
                "studies at this address; the path of DICOMweb is often /dicom-web",
                query,
                listener,
                PacsStudy::of,
                PacsStudy::uid,
                Tag.MODALITIES_IN_STUDY,
                Tag.STUDY_DESCRIPTION,
                Tag.NUMBER_OF_STUDY_RELATED_SERIES,
                Tag.NUMBER_OF_STUDY_RELATED_INSTANCES);
    }

    /**
     * Series of a study that match a query; none if the PACS does not know the study.
     *
     * @throws PreceptorException if {@code study} is not a UID
     * @throws DicomWebException if the PACS cannot be reached or refuses
     */
    public List<PacsSeries> series(String study, Query query, DicomWebListener listener) {
        return find(
                "/studies/" + Uids.require("study", study) + "/series",
                "study " + study,
                query,
                listener,
                PacsSeries::of,
                PacsSeries::uid,
                Tag.SERIES_DESCRIPTION,
                Tag.NUMBER_OF_SERIES_RELATED_INSTANCES);
    }

    /**
     * The UIDs of all series of a study, at least one.
     *
     * @throws PreceptorException if {@code study} is not a UID
     * @throws DicomWebException with status 404, if the PACS does not know the study
     */
    public List<String> seriesOf(String study, DicomWebListener listener) {
        List<String> uids =
                series(study, Query.ALL, listener).stream().map(PacsSeries::uid).toList();
        if (uids.isEmpty()) {
            throw unknown("study " + study);
        }
        return uids;
    }

    /**
     * All instances of a series; none if the PACS does not know it.
     *
     * @throws PreceptorException if {@code study} or {@code series} is not a UID
     * @throws DicomWebException if the PACS cannot be reached or refuses
     */
    public List<PacsInstance> instances(String study, String series, DicomWebListener listener) {
        return instances(study, series, Query.ALL, listener);
    }

    /**
     * Instances of a series that fit a query; none if the PACS does not know it.
     *
     * @throws PreceptorException if {@code study} or {@code series} is not a UID
     * @throws DicomWebException if the PACS cannot be reached or refuses
     */
    public List<PacsInstance> instances(String study, String series, Query query, DicomWebListener listener) {
        return find(
                seriesPath(study, series) + "/instances",
                "series " + series,
                query,
                listener,
                found -> PacsInstance.of(found, study, series),
                PacsInstance::uid);
    }

    /**
     * Fetches a series into a folder. The folder {@code parent/UID} is complete when it appears; until then the files lie in a
     * hidden folder beside it, and a later call keeps those that are there.
     *
     * @param parent the folder that receives a folder named by the series
     * @throws DicomWebException if the PACS does not know the series, refuses, or stays away longer than the patience
     * @throws PreceptorException if a file cannot be written
     */
    public FetchedSeries fetch(
            String study, String series, Path parent, TransferSyntaxChoice syntax, DicomWebListener listener) {
        List<PacsInstance> instances = instances(study, series, listener);
        if (instances.isEmpty()) {
            throw unknown("series " + series + " of study " + study);
        }
        return new SeriesFetch(transport, instances, parent, syntax, listener).run();
    }

    /**
     * Stores instances. What the PACS has already is not sent. After a failure that leaves open what has arrived, the PACS is
     * asked before anything is sent again. Requests that it refuses with 400 or 413 are split down to single instances; what it refuses then
     * is in the report.
     *
     * @param instances files with different SOP Instance UIDs
     * @throws dev.preceptor.base.PreceptorException if the PACS refuses the login or every request, or cannot be reached or fails
     *     (status 500 to 599) until the patience ends; the message says how many instances it has, and another call sends the rest
     */
    public StoreReport store(List<LocalInstance> instances, DicomWebListener listener) {
        return new InstanceStore(transport, this, listener).store(instances);
    }

    private DicomWebException unknown(String subject) {
        return DicomWebException.withStatus(
                transport.settings().root() + ": the PACS knows no " + subject, 404, false, Duration.ZERO);
    }

    private static String seriesPath(String study, String series) {
        return "/studies/" + Uids.require("study", study) + "/series/" + Uids.require("series", series);
    }

    /**
     * All pages of a search. A PACS may send fewer results a page than asked for, or ignore pages: the search ends with a page
     * that has nothing new.
     */
    private <T> List<T> find(
            String path,
            String subject,
            Query query,
            DicomWebListener listener,
            Function<DicomJson, Optional<T>> reader,
            Function<T, String> uid,
            Tag... fields) {
        List<T> results = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        int offset = 0;
        while (results.size() < query.limit()) {
            int size = Math.min(PAGE, query.limit() - results.size());
            List<DicomJson> page;
            try {
                page = json(path + "?" + query.page(offset, size, fields), subject, listener);
            } catch (DicomWebException e) {
                if (e.status() == 404 && !path.equals("/studies")) {
                    return results;
                }
                throw e;
            }
            int before = seen.size();
            for (DicomJson found : page) {
                reader.apply(found)
                        .filter(result -> seen.add(uid.apply(result)))
                        .ifPresent(results::add);
            }
            if (seen.size() == before || page.size() > size) {
                break;
            }
            offset += page.size();
        }
        return List.copyOf(results.subList(0, Math.min(results.size(), query.limit())));
    }

    private List<DicomJson> json(String path, String subject, DicomWebListener listener) {
        String text = transport.patiently(listener, () -> transport.text(transport.get(path, JSON, subject)));
        try {
            return DicomJson.list(text);
        } catch (PreceptorException e) {
            throw DicomWebException.withoutResponse(
                    transport.settings().root()
                            + ": the response is not DICOM in JSON; the path of DICOMweb is often /dicom-web",
                    false,
                    e);
        }
    }
}
