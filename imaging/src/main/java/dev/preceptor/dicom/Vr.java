package dev.preceptor.dicom;

import java.util.Optional;

/** The value representations of PS3.5, section 6.2: how the bytes of an element are to be understood. */
public enum Vr {
    AE(Form.SHORT, 0),
    AS(Form.SHORT, 0),
    AT(Form.SHORT, 2),
    CS(Form.SHORT, 0),
    DA(Form.SHORT, 0),
    DS(Form.SHORT, 0),
    DT(Form.SHORT, 0),
    FD(Form.SHORT, 8),
    FL(Form.SHORT, 4),
    IS(Form.SHORT, 0),
    LO(Form.SHORT, 0),
    LT(Form.SHORT, 0),
    OB(Form.LONG, 1),
    OD(Form.LONG, 8),
    OF(Form.LONG, 4),
    OL(Form.LONG, 4),
    OV(Form.LONG, 8),
    OW(Form.LONG, 2),
    PN(Form.SHORT, 0),
    SH(Form.SHORT, 0),
    SL(Form.SHORT, 4),
    SQ(Form.LONG, 0),
    SS(Form.SHORT, 2),
    ST(Form.SHORT, 0),
    SV(Form.LONG, 8),
    TM(Form.SHORT, 0),
    UC(Form.LONG, 0),
    UI(Form.SHORT, 0),
    UL(Form.SHORT, 4),
    UN(Form.LONG, 1),
    UR(Form.LONG, 0),
    US(Form.SHORT, 2),
    UT(Form.LONG, 0),
    UV(Form.LONG, 8);

    private enum Form {
        SHORT,
        LONG
    }

    private final Form form;
    private final int width;

    Vr(Form form, int width) {
        this.form = form;
        this.width = width;
    }

    /** The value representation of two letters; empty if the standard has none of this name. */
    public static Optional<Vr> of(String letters) {
        for (Vr vr : values()) {
            if (vr.name().equals(letters)) {
                return Optional.of(vr);
            }
        }
        return Optional.empty();
    }

    /** Whether explicit encodings give the length in 4 bytes after 2 reserved ones; 2 bytes otherwise. */
    public boolean hasLongLength() {
        return form == Form.LONG;
    }

    /** The bytes of one number, which byte order reverses; 0 for texts and sequences. */
    public int width() {
        return width;
    }

    /** Whether a value is a text. */
    public boolean isText() {
        return width == 0 && this != SQ;
    }

    /** Whether a backslash separates several values of a text. */
    public boolean hasSeveralValues() {
        return isText() && this != LT && this != ST && this != UT && this != UR;
    }

    /** The byte that makes an odd length even. */
    public byte padding() {
        return (byte) (isText() && this != UI ? ' ' : 0);
    }
}
