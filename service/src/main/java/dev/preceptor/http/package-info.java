/** An HTTP server for a browser and for programs on Jetty: routes, who may call them, what a request may cost. */
package dev.preceptor.http;
