package dev.preceptor.http;

/**
 * Who sends a request.
 *
 * @param name of the token; {@code local} where there are no tokens, {@code anonymous} on routes that need none
 * @param address of the connection
 */
public record Caller(String name, String address) {}
