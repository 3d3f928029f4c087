package dev.preceptor.service;

/**
 * Which model a job uses.
 *
 * @param name of the model file, without its ending
 * @param version the first 12 hexadecimal digits of the SHA-256 of its content
 */
public record ModelName(String name, String version) {
    @Override
    public String toString() {
        return name + "@" + version;
    }
}
