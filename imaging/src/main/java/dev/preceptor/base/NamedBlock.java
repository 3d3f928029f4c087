package dev.preceptor.base;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a sealed interface whose records are the alternatives of one block of settings. The key {@code name} of the block
 * selects the record by its {@code @JsonTypeName}; the other keys are the components of the record. Keys that are absent have
 * the values of the record's constructor without arguments. The interface also needs
 * {@code @JsonTypeInfo(use = Id.NAME, property = "name")}.
 *
 * <p>{@link Settings#JSON} and {@link Settings#bind} read such blocks; an unknown name is refused with the
 * known ones in the order of the {@code permits} clause, which must be written out, because javac orders inferred subclasses
 * as it finds them.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface NamedBlock {
    /** The path of the block in a recipe, for messages: {@code optimization.schedule}. */
    String value();
}
