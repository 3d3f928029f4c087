package dev.preceptor.testing;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;

/** Leaves out test classes, those in the test jars of other modules too. */
public final class WithoutTests implements ImportOption {
    private static final ImportOption SAME_MODULE = new DoNotIncludeTests();

    @Override
    public boolean includes(Location location) {
        return SAME_MODULE.includes(location) && !location.contains("-tests.jar");
    }
}
