/** The service: jobs, their queue and the requests that make and show them. */
package dev.preceptor.service;
