/**
 * DICOMweb: the client of a PACS and the multipart bodies that it shares with a server.
 *
 * <ul>
 *   <li>{@link dev.preceptor.dicomweb.MultipartReader} streams {@code multipart/related} and {@code multipart/form-data} bodies within
 *       {@link dev.preceptor.dicomweb.MultipartLimits}. It knows no client.
 *   <li>{@link dev.preceptor.dicomweb.DicomWebClient} finds, fetches and stores instances, as {@link
 *       dev.preceptor.dicomweb.DicomWebSettings} say: address, login, trusted certificates, time limits and {@link
 *       dev.preceptor.dicomweb.Retry}.
 *   <li>{@link dev.preceptor.dicomweb.LocalInstances} are the files to store; {@link
 *       dev.preceptor.dicomweb.DicomWebAddress} names series to fetch.
 * </ul>
 *
 * <p>Messages, addresses and texts of objects contain no secrets, and of patients only what a caller asks for by {@link
 * dev.preceptor.dicomweb.PacsStudy}.
 *
 * <p>Source: DICOM PS3.18 (Web Services); RFC 2046, section 5.1 (multipart); RFC 7578 (form-data).
 */
package dev.preceptor.dicomweb;
