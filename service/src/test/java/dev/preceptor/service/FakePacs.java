package dev.preceptor.service;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** A PACS that is away for as many calls as it is told. */
final class FakePacs implements Pacs {
    final AtomicInteger away = new AtomicInteger();
    final AtomicInteger calls = new AtomicInteger();
    /** Whether it gives series but is too busy to take any. */
    final AtomicBoolean isBusy = new AtomicBoolean();

    /** Whether it fails with the first instance that came, each time that it comes. */
    final AtomicBoolean failsWithFirst = new AtomicBoolean();

    /** How many instances end in an error of the Java machine. */
    final AtomicInteger broken = new AtomicInteger();

    final List<byte[]> stored = Collections.synchronizedList(new ArrayList<>());
    private final AtomicReference<Path> first = new AtomicReference<>();
    private final List<MrSeries> series;
    private final boolean refuses;

    FakePacs(boolean refuses, MrSeries... series) {
        this.refuses = refuses;
        this.series = List.of(series);
    }

    private void requirePresent() {
        calls.incrementAndGet();
        if (away.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new UnavailableException("the PACS does not answer", false, null);
        }
    }

    @Override
    public void fetch(String study, String uid, Path folder) {
        requirePresent();
        MrSeries found = series.stream()
                .filter(each -> each.series().equals(uid) && each.study().equals(study))
                .findFirst()
                .orElseThrow(() -> new PreceptorException("the PACS has no series " + uid));
        AtomicFiles.writeFolder(folder.resolve(uid), target -> {
            for (int i = 0; i < found.files().size(); i++) {
                byte[] bytes = found.files().get(i);
                AtomicFiles.write(target.resolve(i + ".dcm"), out -> out.write(bytes));
            }
        });
    }

    @Override
    public void store(Path file) {
        requirePresent();
        if (isBusy.get()) {
            throw new UnavailableException("the PACS is busy", false, null);
        }
        first.compareAndSet(null, file);
        if (failsWithFirst.get() && file.equals(first.get())) {
            throw new UnavailableException("status 500", true, null);
        }
        if (broken.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new InternalError("a fault occurred in an unsafe memory access operation");
        }
        if (refuses) {
            throw new PreceptorException("the PACS does not store such objects");
        }
        try {
            stored.add(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
