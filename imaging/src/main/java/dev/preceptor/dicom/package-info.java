/**
 * Reads and writes DICOM files (PS3.5 and PS3.10): headers, pixels of the common transfer syntaxes, and series as images on grids.
 *
 * <p>{@link dev.preceptor.dicom.DicomFile} reads the header of one file as a {@link dev.preceptor.dicom.DataSet} and opens its
 * pixels; {@link dev.preceptor.dicom.DicomWriter} writes data sets. {@link dev.preceptor.dicom.DicomSeries} groups files into
 * series and volumes, and {@link dev.preceptor.dicom.DicomImage} is one volume as an {@link dev.preceptor.volume.ImageSource}.
 *
 * <p>Coordinates: DICOM positions are LPS+ millimetres; grids are RAS+, so the first two rows of every affine are negated.
 * Values in memory are little-endian, whatever the byte order of the file. Every length is checked against the bytes that remain
 * before memory is allocated. Messages never hold a patient's name or date of birth.
 */
package dev.preceptor.dicom;
