package dev.preceptor.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import com.google.protobuf.ByteString;
import dev.preceptor.onnx.OnnxGraph.Attribute;

/** The messages of attributes. */
final class OnnxAttributes {
    private OnnxAttributes() {}

    static AttributeProto message(Attribute attribute) {
        AttributeProto.Builder message = AttributeProto.newBuilder().setName(attribute.name());
        if (attribute instanceof Attribute.OfInteger integer) {
            message.setType(AttributeProto.AttributeType.INT).setI(integer.value());
        } else if (attribute instanceof Attribute.OfIntegers integers) {
            message.setType(AttributeProto.AttributeType.INTS).addAllInts(integers.values());
        } else if (attribute instanceof Attribute.OfFloat number) {
            message.setType(AttributeProto.AttributeType.FLOAT).setF(number.value());
        } else if (attribute instanceof Attribute.OfText text) {
            message.setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(text.value()));
        }
        return message.build();
    }
}
