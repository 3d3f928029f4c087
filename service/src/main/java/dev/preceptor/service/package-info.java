/** The service: models, jobs and their queue, what is taken from callers and what is sent to a PACS. */
package dev.preceptor.service;
