// Package webrtc is a stub: the functions of v4.2.26 that blocking.txt names, and the
// types in their signatures.
package webrtc

import (
	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4/pkg/media"
)

type DataChannel struct{}

func (*DataChannel) Close() error
func (*DataChannel) GracefulClose() error
func (*DataChannel) Send(data []byte) error
func (*DataChannel) SendText(s string) error

type PeerConnection struct{}

func (*PeerConnection) Close() error
func (*PeerConnection) GracefulClose() error
func (*PeerConnection) WriteRTCP(pkts []rtcp.Packet) error

type RTPReceiver struct{}

func (*RTPReceiver) Read(b []byte) (n int, a interceptor.Attributes, err error)
func (*RTPReceiver) ReadRTCP() ([]rtcp.Packet, interceptor.Attributes, error)
func (*RTPReceiver) Stop() error

type RTPSender struct{}

func (*RTPSender) Read(b []byte) (n int, a interceptor.Attributes, err error)
func (*RTPSender) ReadRTCP() ([]rtcp.Packet, interceptor.Attributes, error)
func (*RTPSender) Stop() error

type TrackLocalStaticRTP struct{}

func (*TrackLocalStaticRTP) Write(b []byte) (n int, err error)
func (*TrackLocalStaticRTP) WriteRTP(p *rtp.Packet) error

type TrackLocalStaticSample struct{}

func (*TrackLocalStaticSample) WriteSample(sample media.Sample) error

type TrackRemote struct{}

func (*TrackRemote) Read(b []byte) (n int, attributes interceptor.Attributes, err error)
func (*TrackRemote) ReadRTP() (*rtp.Packet, interceptor.Attributes, error)
