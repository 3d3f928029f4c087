/**
 * DICOMweb: the client of a PACS and the multipart bodies that it shares with a server.
 *
 * <ul>
 *   <li>{@link dev.preceptor.dicomweb.MultipartReader} and {@link dev.preceptor.dicomweb.MultipartWriter} stream
 *       {@code multipart/related} and {@code multipart/form-data} bodies within {@link
 *       dev.preceptor.dicomweb.MultipartLimits}. They know no client.
 * </ul>
 *
 * <p>Source: DICOM PS3.18 (Web Services); RFC 2046, section 5.1 (multipart); RFC 7578 (form-data).
 */
package dev.preceptor.dicomweb;
