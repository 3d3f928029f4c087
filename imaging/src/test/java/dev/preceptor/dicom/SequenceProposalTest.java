package dev.preceptor.dicom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.preceptor.testing.DicomSlices;
import dev.preceptor.volume.Sequence;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which sequence a T1 image is by the words of its description, with the times of an MPRAGE. */
class SequenceProposalTest {
    @TempDir
    private Path folder;

    private SequenceProposal proposal(UnaryOperator<DataSetBuilder> change) {
        DicomSlices.write(folder, "1.1", "1.2", change, 0, 2, 4);
        return SequenceProposal.of(DicomFolder.at(folder).images().get(0));
    }

    private SequenceProposal described(String description) {
        return proposal(slice -> slice.text(Tag.SERIES_DESCRIPTION, description));
    }

    @ParameterizedTest
    @CsvSource({
        "AX T1 W/O CONTRAST, T1",
        "T1 WO CONTRAST, T1",
        "T1 NO CONTRAST, T1",
        "T1 without i.v. contrast, T1",
        "T1 ohne KM, T1",
        "T1 vor KM, T1",
        "T1 sans gado, T1",
        "T1 non-contrast, T1",
        "T1 pre Gd, T1",
        "T1 MPRAGE W/WO CONTRAST, T1",
        "T1 MPRAGE WO/W CONTRAST, T1",
        "T1 KM: ohne, T1",
        "T1 MPRAGE PRE, T1",
        "T1 GD PRE, T1",
        "T1 MPRAGE POST OP, T1",
        "T1 MPRAGE PRE-OP, T1",
        "T1 POST RT, T1",
        "T1 vor OP, T1",
        "T1 WITHOUT FS, T1",
        "T1 NON FATSAT, T1",
        "T1 MPRAGE, T1",
        "T1 MPRAGE POST, T1CE",
        "T1 KM, T1CE",
        "T1 HIGH CONTRAST, T1CE",
        "T1 MPRAGE POST OP CONTRAST, T1CE"
    })
    void wordsThatLeaveContrastOpenAreNotCertain(String description, Sequence proposed) {
        SequenceProposal proposal = described(description);
        assertEquals(Optional.of(proposed), proposal.sequence(), proposal::toString);
        assertFalse(proposal.certain(), proposal::toString);
    }

    @ParameterizedTest
    @CsvSource({
        "T1 native, T1",
        "T1 MPRAGE nativ, T1",
        "T1 precontrast, T1",
        "T1 unenhanced, T1",
        "T1 NONCONTRAST PRE-OP, T1",
        "t1 mprage post gd, T1CE",
        "T1 MPRAGE +C, T1CE",
        "T1CE, T1CE",
        "T1 POST CONTRAST, T1CE",
        "T1 nach KM, T1CE",
        "T1 GD WITHOUT FS, T1CE",
        "T1 PRE-OP GD, T1CE",
        "T1 PRE RT POST GAD, T1CE"
    })
    void wordsThatLeaveNothingOpenAreCertain(String description, Sequence proposed) {
        SequenceProposal proposal = described(description);
        assertEquals(Optional.of(proposed), proposal.sequence(), proposal::toString);
        assertEquals(true, proposal.certain(), proposal::toString);
    }

    @ParameterizedTest
    @CsvSource({
        "T1 MPRAGE POST, T1CE, true",
        "T1 WITH CONTRAST, T1CE, true",
        "T1 MPRAGE, T1CE, false",
        "T1 MPRAGE POST OP, T1CE, false",
        "T1 MPRAGE PRE-OP, T1CE, false",
        "T1 WITHOUT FS, T1CE, false",
        "T1 PRE, T1, false",
        "T1 W/O CONTRAST, T1, false",
        "T1 native, T1, false"
    })
    void aStatedAgentConfirmsWordsForContrastAndOpposesOthers(String description, Sequence proposed, boolean certain) {
        SequenceProposal proposal = proposal(
                slice -> slice.text(Tag.SERIES_DESCRIPTION, description).text(Tag.CONTRAST_AGENT, "Dotarem"));
        assertEquals(Optional.of(proposed), proposal.sequence(), proposal::toString);
        assertEquals(certain, proposal.certain(), proposal::toString);
    }

    @Test
    void aProtocolForBothIsNotCertainOfAnImageAfterContrast() {
        SequenceProposal proposal = proposal(slice -> slice.text(Tag.SERIES_DESCRIPTION, "AX T1 POST GD")
                .text(Tag.PROTOCOL_NAME, "BRAIN W WO CONTRAST")
                .text(Tag.CONTRAST_AGENT, "Dotarem"));
        assertEquals(Optional.of(Sequence.T1CE), proposal.sequence(), proposal::toString);
        assertFalse(proposal.certain(), proposal::toString);
    }
}
